/** The part of the branch rail beside one row. */

import * as React from 'react';

import type { IRailRow } from '../model/rail';

const NODE_Y = 14;

/** Where a lane runs, in pixels from the left edge of the list. */
function laneX(lane: number): number {
  return 13 * (lane + 1);
}

/** How wide the rail is for so many lanes. */
export function railWidth(lanes: number): number {
  return laneX(lanes - 1) + (lanes < 3 ? 10 : 7);
}

export type NodeKind = 'now' | 'here' | 'run' | 'auto' | 'failed';

export interface IRailProps {
  readonly row: IRailRow | null;
  /** The node of a run's first row; later rows of the run have lines only. */
  readonly node?: NodeKind;
  /** Rows of Now: the line to the last run is dashed, since its steps are not sealed. */
  readonly dashed?: boolean;
  readonly lineBelow?: boolean;
  /** Lanes from here on are not drawn. */
  readonly lanes?: number;
}

function Line(props: { lane: number; from: number; to?: number }): React.JSX.Element {
  const { lane, from, to } = props;
  const end = to === undefined ? { bottom: 0 } : { height: to - from };
  return <i className={`rt-lane-${lane}`} style={{ left: laneX(lane), top: from, ...end }} />;
}

function NowRail({ node, lineBelow = true }: IRailProps): React.JSX.Element {
  const top = node === undefined ? 0 : NODE_Y;
  return (
    <div className="rt-rail" aria-hidden="true">
      {lineBelow && <i className="rt-dashed" style={{ left: laneX(0), top, bottom: 0 }} />}
      {node && <u className="rt-lane-0 rt-node-now" style={{ left: laneX(0) }} />}
    </div>
  );
}

/** Lines of every lane that passes, the node of the run, and the bends of branches that join. */
export function Rail(props: IRailProps): React.JSX.Element {
  const { row, node, dashed, lanes = 3 } = props;
  if (dashed) {
    return <NowRail {...props} />;
  }
  const lane = row?.lane ?? 0;
  const lines: React.JSX.Element[] = [];
  row?.above.slice(0, lanes).forEach((on, i) => {
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
    row?.below
      .slice(0, lanes)
      .forEach((on, i) => on && lines.push(<Line key={`c${i}`} lane={i} from={0} />));
  }
  return (
    <div className="rt-rail" aria-hidden="true">
      {lines}
      {node !== undefined && row?.isRoot && (
        <i className={`rt-root rt-lane-${lane}`} style={{ left: laneX(lane), top: NODE_Y }} />
      )}
      {node !== undefined && row !== null && row.joins.length > 0 && (
        <svg>
          {row.joins
            .filter(i => i < lanes)
            .map(i => {
              const [x, to] = [laneX(i), laneX(lane)];
              return <path key={i} d={`M${x} 0C${x} 9 ${to} 4 ${to} ${NODE_Y}`} />;
            })}
        </svg>
      )}
      {node !== undefined && (
        <u className={`rt-lane-${lane} rt-node-${node}`} style={{ left: laneX(lane) }} />
      )}
    </div>
  );
}
