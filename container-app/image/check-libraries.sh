#!/bin/sh
# Fails when native code in the image asks for a library that the image does not have.
#
#   check-libraries.sh cpu|cuda NODE_MODULES
#
# Prints what was found. The driver's library (libcuda.so.1) is the platform's to bring: it is never in an image.
set -eu

variant=$1
modules=$2
status=0

complain() {
  echo "$1" >&2
  status=1
}

test -d "$modules/onnxruntime-node/bin" || complain "Expected ONNX Runtime, for the worker, found none in $modules"
for file in $(find "$modules" -type f '(' -name '*.node' -o -name '*.so' -o -name '*.so.*' ')' | sort); do
  echo "$file"
  found=$(ldd "$file")
  echo "$found"
  # A CUDA that is older than the one that the provider was built with has the library, and lacks functions of it.
  missing=$(ldd -r "$file" 2>&1 | grep -E 'not found|symbol:? *(cuda|cublas|cudnn|cufft|curand|nvrtc)' |
    grep -v 'libcuda\.so\.1 ' || true)
  test -z "$missing" || complain "Expected every library and function, for $file, received: $missing"
done

if [ "$variant" = cuda ]; then
  test -n "$(find "$modules" -name libonnxruntime_providers_cuda.so)" ||
    complain "Expected libonnxruntime_providers_cuda.so, for the variant cuda, found none in $modules"
  # ldd does not see what is loaded by name at run time: cuDNN loads its parts so, and may itself be loaded so.
  known=$(ldconfig -p)
  for library in cudart.so.12 cublas.so.12 cublasLt.so.12 cufft.so.11 curand.so.10 nvrtc.so.12 nvrtc-builtins.so.12.8 \
    cudnn.so.9 cudnn_graph.so.9 cudnn_ops.so.9 cudnn_cnn.so.9 cudnn_adv.so.9 cudnn_heuristic.so.9 \
    cudnn_engines_precompiled.so.9 cudnn_engines_runtime_compiled.so.9; do
    line=$(echo "$known" | grep "lib$library " || true)
    echo "$line"
    test -n "$line" || complain "Expected lib$library, for ONNX Runtime's CUDA provider, received an image without it"
  done
fi
exit $status
