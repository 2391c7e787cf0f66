/** The part of the branch rail beside one row. */

import * as React from 'react';

import type { IRailRow } from '../model/rail';

const LANE_X = [13, 26, 39];
const NODE_Y = 14;

export type NodeKind = 'now' | 'here' | 'run' | 'auto' | 'failed';

export interface IRailProps {
  readonly row: IRailRow | null;
  /** The node of a run's first row; later rows of the run have lines only. */
  readonly node?: NodeKind;
  /** Rows of Now: the line to the last run is dashed, since its steps are not sealed. */
  readonly dashed?: boolean;
  readonly lineBelow?: boolean;
}

function Line(props: { lane: number; from: number; to?: number }): React.JSX.Element {
  const { lane, from, to } = props;
  const end = to === undefined ? { bottom: 0 } : { height: to - from };
  return <i className={`rt-lane-${lane}`} style={{ left: LANE_X[lane], top: from, ...end }} />;
}

function NowRail({ node, lineBelow = true }: IRailProps): React.JSX.Element {
  const top = node === undefined ? 0 : NODE_Y;
  return (
    <div className="rt-rail" aria-hidden="true">
      {lineBelow && <i className="rt-dashed" style={{ left: LANE_X[0], top, bottom: 0 }} />}
      {node && <u className="rt-lane-0 rt-node-now" style={{ left: LANE_X[0] }} />}
    </div>
  );
}

/** Lines of every lane that passes, the node of the run, and the bends of branches that join. */
export function Rail(props: IRailProps): React.JSX.Element {
  const { row, node, dashed } = props;
  if (dashed) {
    return <NowRail {...props} />;
  }
  const lane = row?.lane ?? 0;
  const lines: React.JSX.Element[] = [];
  row?.above.forEach((on, i) => {
    const continues = row.below[i] && !row.joins.includes(i);
    if (node === undefined) {
      return;
    }
    if (on && !row.joins.includes(i)) {
      lines.push(<Line key={`a${i}`} lane={i} from={0} to={NODE_Y} />);
    }
    if (continues) {
      lines.push(<Line key={`b${i}`} lane={i} from={NODE_Y} />);
    }
  });
  if (node === undefined) {
    row?.below.forEach((on, i) => on && lines.push(<Line key={`c${i}`} lane={i} from={0} />));
  }
  return (
    <div className="rt-rail" aria-hidden="true">
      {lines}
      {node !== undefined && row !== null && row.joins.length > 0 && (
        <svg viewBox="0 0 46 15">
          {row.joins.map(i => {
            const [x, to] = [LANE_X[i], LANE_X[lane]];
            return <path key={i} d={`M${x} 0C${x} 9 ${to} 4 ${to} ${NODE_Y}`} />;
          })}
        </svg>
      )}
      {node !== undefined && (
        <u className={`rt-lane-${lane} rt-node-${node}`} style={{ left: LANE_X[lane] }} />
      )}
    </div>
  );
}
