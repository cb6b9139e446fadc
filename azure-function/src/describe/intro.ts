// The first page of the description: how to get a picture in five minutes. CommonMark.

export const intro = `
Send a photograph and a picture in whose style it is to be painted; fetch what comes of it. All bodies are JSON, names are in snake_case, times are UTC, and every address in an answer is absolute: follow addresses, do not build them.

**1. Send.** \`POST /api/style-transfer\` with two images in base64. Give the request an \`Idempotency-Key\` of your own, and it is safe to send again whenever no answer came. The answer is \`202\` with the job.

**2. Wait.** \`GET\` the job's \`status_url\` with \`?wait=60\`: it answers as soon as \`done\` is true. Branch on \`done\` first and on \`status\` then (\`queued\`, \`processing\`, \`completed\`, \`failed\`, \`canceled\`, \`expired\`); \`phase\` is for people. For small pictures \`Prefer: wait=20\` on the submission spares the second request; \`urls.events\` tells as it happens; \`webhook_url\` calls you.

**3. Fetch.** \`result.result_url\` of a completed job opens without a key for half an hour; each look at the status gives a fresh one. \`GET /api/result/{job_id}\` is the same picture with your key.

**What may be added.** Answers may get new fields, and lists of names (\`status\`, \`phase\`, \`reason\`, error codes) may grow: pass over what you do not know. Requests are strict: an unknown field is refused.

**Errors.** Every refusal is an \`application/problem+json\` (RFC 9457) with a stable \`code\`; \`retryable\` says whether the same request may succeed later, and \`Retry-After\` when. A method that an address does not take is \`405\` with \`Allow\`. A job that fails is no error of the request: its status has \`error\`, with the same codes.
`.trim();
