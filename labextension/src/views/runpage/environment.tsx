/** What a run ran in: interpreter, machine, repository, packages. */

import * as React from 'react';

import { bytes } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import type { IEnvironment } from '../../records';
import { useTrans } from '../trans';

/** So many packages are shown before the others are asked for. */
const FIRST = 12;

function Packages({ environment }: { readonly environment: IEnvironment }): React.JSX.Element {
  const trans = useTrans();
  const [all, setAll] = React.useState(false);
  const packages = environment.packages ?? [];
  const shown = all ? packages : packages.slice(0, FIRST);
  const left = packages.length - shown.length;
  return (
    <>
      <table className="rt-table">
        <thead>
          <tr>
            <th>{trans.__('Package')}</th>
            <th>{trans.__('Recorded')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(entry => (
            <tr key={entry.name}>
              <td>{entry.name}</td>
              <td title={entry.source}>{entry.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button type="button" className="rt-link rt-more" onClick={() => setAll(true)}>
          {trans._n('%1 more package', '%1 more packages', left)}
        </button>
      )}
    </>
  );
}

export function Environment({ model }: { readonly model: RunPageModel }): React.JSX.Element {
  const trans = useTrans();
  const environment = model.details?.environment ?? null;
  if (environment === null) {
    return <p className="rt-dim rt-pane-note">{trans.__('Not recorded.')}</p>;
  }
  const { repository } = environment;
  const facts: readonly (readonly [string, string])[] = [
    [trans.__('Python'), `${environment.python} (${environment.implementation})`],
    [trans.__('Executable'), environment.executable],
    [trans.__('Platform'), `${environment.platform} ${environment.machine}`],
    [
      trans.__('Hardware'),
      trans.__('%1 processors, %2', environment.processors, bytes(environment.memory))
    ],
    ...(repository
      ? ([
          [
            trans.__('Git commit'),
            [repository.commit?.slice(0, 12) ?? trans.__('none yet'), repository.branch].join(' ')
          ],
          [
            trans.__('Git patch'),
            repository.patch
              ? trans.__('kept with the run')
              : repository.dirty
                ? trans.__('not kept')
                : trans.__('no uncommitted change')
          ]
        ] as const)
      : []),
    [
      trans.__('Environment variables'),
      trans._n('%1 name', '%1 names', environment.variables?.length ?? 0)
    ],
    ...(environment.local_modules?.length
      ? ([[trans.__('Local modules'), environment.local_modules.join(', ')]] as const)
      : [])
  ];
  return (
    <div className="rt-two">
      <table className="rt-table">
        <thead>
          <tr>
            <th>{trans.__('Source')}</th>
            <th>{trans.__('Recorded')}</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <td className="rt-dim">{name}</td>
              <td title={value}>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        <Packages environment={environment} />
      </div>
    </div>
  );
}
