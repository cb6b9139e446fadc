// The camera of the landscape: level, so that the lake mirrors the scene seen from the same height below the water.
import { clamp } from './noise.ts';
import { heightAt, type Terrain } from './terrain.ts';

/** Lengths in pixels, `eye` in metres above the water; a negative eye looks at the mirrored world from below. */
export type View = { width: number; height: number; horizon: number; focal: number; eye: number };

/** What a pixel sees: metres to the ground, Infinity for sky, a negative number of metres for water. */
export type DepthMap = Float32Array;

const nearest = 45;
const farthest = 10_000;

/** The view of the same scene from below the water, which is what the still lake shows upside down. */
export function mirrored(view: View): View {
  return { ...view, eye: -view.eye };
}

/** Row at which something `up` metres above the water and `away` metres off appears. */
export function rowOf(view: View, up: number, away: number): number {
  return view.horizon - ((up - view.eye) * view.focal) / away;
}

/** Column at which something `x` metres to the right of the axis and `away` metres off appears. */
export function columnOf(view: View, x: number, away: number): number {
  return view.width / 2 + (x * view.focal) / away;
}

/** Walks every pixel column from near to far and notes what it sees. */
export function castDepths(terrain: Terrain, view: View): DepthMap {
  const depths = new Float32Array(view.width * view.height).fill(Infinity);
  for (let column = 0; column < view.width; column++) castColumn(terrain, view, column, depths);
  return depths;
}

function castColumn(terrain: Terrain, view: View, column: number, depths: DepthMap): void {
  const slope = (column + 0.5 - view.width / 2) / view.focal;
  let top = view.height;
  let lastZ = nearest;
  let lastRow = Infinity;
  for (let z = nearest; z < farthest && top > 0; z += Math.max(2.5, z * 0.0016)) {
    const up = heightAt(terrain, slope * z, z);
    const row = rowOf(view, Math.max(up, 0), z);
    const water = up <= 0;
    if (row < top && !(water && view.eye < 0)) {
      const first = Math.max(0, Math.ceil(row));
      for (let y = top - 1; y >= first; y--) {
        const t = lastRow > row && lastRow < Infinity ? clamp((lastRow - y) / (lastRow - row), 0, 1) : 1;
        depths[y * view.width + column] = (water ? -1 : 1) * (lastZ + (z - lastZ) * t);
      }
      top = first;
    }
    lastZ = z;
    lastRow = row;
  }
}
