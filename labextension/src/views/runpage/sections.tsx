/** The right side of the run page: what the run used and made. */

import * as React from 'react';

import { changeOf, countOf, duration, lastValues, runNumber, scalar } from '../../model/format';
import type { RunPageModel } from '../../model/runpage';
import type { IMeasured, IStep } from '../../records';
import { Change, CodeLine, Icon } from '../parts';
import { dataIcon, warningIcon } from '../../icons';
import { useTrans } from '../trans';
import { CellRef } from './cellref';
import { Environment } from './environment';
import { Section } from './section';
import { Data, Variables } from './tables';

interface IModelProps {
  readonly model: RunPageModel;
}

function MeasuredRow(props: {
  readonly entry: IMeasured;
  readonly before: IMeasured | undefined;
  readonly model: RunPageModel;
}): React.JSX.Element {
  const { entry, before, model } = props;
  const change = changeOf(entry.name, entry.value, before?.value);
  return (
    <tr>
      <td title={entry.name}>{entry.name}</td>
      <td className="rt-right" title={String(entry.value)}>
        {scalar(entry.value)}
      </td>
      <td className="rt-dim">
        <CellRef model={model} stepId={entry.step_id} />
      </td>
      <td className="rt-right">
        {change !== null ? (
          <Change change={change} />
        ) : before !== undefined && before.value !== entry.value ? (
          scalar(before.value)
        ) : null}
      </td>
    </tr>
  );
}

function Measured({ model }: IModelProps): React.JSX.Element {
  const trans = useTrans();
  const run = model.details?.run;
  const parent = model.details?.parent ?? null;
  const table = (
    title: string,
    entries: readonly IMeasured[],
    before: readonly IMeasured[] | undefined
  ): React.JSX.Element | null => {
    const values = lastValues(before);
    return entries.length === 0 ? null : (
      <table className="rt-table rt-measured">
        <thead>
          <tr>
            <th>{title}</th>
            <th className="rt-right">{trans.__('Value')}</th>
            <th>{trans.__('Cell')}</th>
            <th className="rt-right">
              {parent === null ? '' : trans.__('vs %1', runNumber(parent))}
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map(entry => (
            <MeasuredRow
              key={entry.name}
              entry={entry}
              before={values.get(entry.name)}
              model={model}
            />
          ))}
        </tbody>
      </table>
    );
  };
  const parameters = [...lastValues(run?.parameters).values()];
  const metrics = [...lastValues(run?.metrics).values()];
  if (parameters.length + metrics.length === 0) {
    return (
      <p className="rt-dim rt-pane-note">
        {trans.__('None. Wrap a value in rt.parameter() or rt.metric() to have it here.')}
      </p>
    );
  }
  return (
    <div className="rt-two">
      {table(trans.__('Parameter'), parameters, parent?.parameters)}
      {table(trans.__('Metric'), metrics, parent?.metrics)}
    </div>
  );
}

/** The names that have another value than before; `−x` for what is gone. */
function changesOf(step: IStep): string {
  return [...(step.changed ?? []), ...(step.deleted ?? []).map(name => `−${name}`)].join(', ');
}

function StepFlags({ step }: { readonly step: IStep }): React.JSX.Element {
  const gaps = (step.gaps ?? []).map(gap => `${gap.subject}: ${gap.reason}`).join('\n');
  const files = (step.files ?? []).map(file => file.path).join(', ');
  return (
    <>
      {step.error && (
        <span className="rt-bad" title={step.error}>
          {step.error.split(':')[0]}
        </span>
      )}
      {files && <Icon icon={dataIcon} size={12} label={files} />}
      {gaps && <Icon icon={warningIcon} size={12} tone="warn" label={gaps} />}
    </>
  );
}

function Steps({ model }: IModelProps): React.JSX.Element {
  const trans = useTrans();
  const error = model.errors.get('steps');
  if (error !== undefined) {
    return <p className="rt-note rt-note-bad">{error}</p>;
  }
  return (
    <table className="rt-table rt-steps">
      <thead>
        <tr>
          <th className="rt-right">{trans.__('Step')}</th>
          <th className="rt-right">{trans.__('Ran as')}</th>
          <th>{trans.__('Source')}</th>
          <th>{trans.__('Changed')}</th>
          <th />
          <th className="rt-right">{trans.__('Took')}</th>
        </tr>
      </thead>
      <tbody>
        {(model.steps ?? []).map((step, i) => (
          <tr key={step.step_id}>
            <td className="rt-right">{i + 1}</td>
            <td className="rt-right">{countOf(step)}</td>
            <td>
              <CodeLine source={step.source} />
            </td>
            <td className="rt-dim" title={changesOf(step)}>
              {changesOf(step)}
            </td>
            <td>
              <StepFlags step={step} />
            </td>
            <td className="rt-right">{duration(step.duration ?? 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One fact per section, read even when it is closed. */
function useSummaries(model: RunPageModel): readonly string[] {
  const trans = useTrans();
  const run = model.details?.run;
  const first = [...lastValues(run?.metrics).values()].slice(0, 2);
  const values = lastValues(run?.metrics).size + lastValues(run?.parameters).size;
  const variables = run?.variables ?? [];
  const saved = variables.filter(variable => variable.component).length;
  const files = model.details?.data ?? [];
  const differ = files.filter(file => file.now === 'changed' || file.now === 'missing').length;
  const environment = model.details?.environment ?? null;
  const commit = environment?.repository?.commit;
  const steps = model.steps ?? [];
  const failed = steps.filter(
    step => step.status && !['ok', 'running'].includes(step.status)
  ).length;
  return [
    [
      ...first.map(entry => `${entry.name} ${scalar(entry.value)}`),
      trans._n('%1 value', '%1 values', values)
    ].join(' · '),
    trans._n('%1 variable, %2 restorable', '%1 variables, %2 restorable', variables.length, saved),
    [
      trans._n('%1 file', '%1 files', files.length),
      ...(differ > 0 ? [trans.__('%1 differ now', differ)] : [])
    ].join(' · '),
    environment === null
      ? trans.__('not recorded')
      : [
          `Python ${environment.python}`,
          trans._n('%1 package', '%1 packages', environment.packages?.length ?? 0),
          ...(commit
            ? [`git ${commit.slice(0, 7)}${environment.repository?.patch ? ' + patch' : ''}`]
            : [])
        ].join(' · '),
    [
      trans._n('%1 step', '%1 steps', steps.length),
      ...(failed > 0 ? [trans.__('%1 failed', failed)] : [])
    ].join(' · ')
  ];
}

export interface ISectionsProps extends IModelProps {
  readonly open: ReadonlySet<number>;
  readonly onToggle: (section: number) => void;
}

export function Sections({ model, open, onToggle }: ISectionsProps): React.JSX.Element {
  const trans = useTrans();
  const summaries = useSummaries(model);
  const sections = [
    { title: trans.__('Parameters & metrics'), body: <Measured model={model} /> },
    { title: trans.__('Variables'), body: <Variables model={model} /> },
    { title: trans.__('Data'), body: <Data model={model} /> },
    { title: trans.__('Environment'), body: <Environment model={model} /> },
    { title: trans.__('Steps'), body: <Steps model={model} /> }
  ];
  return (
    <section className="rt-pane rt-sections" aria-label={trans.__('What the run used and made')}>
      {sections.map(({ title, body }, i) => (
        <Section
          key={title}
          title={title}
          summary={summaries[i]}
          isOpen={open.has(i)}
          onToggle={() => onToggle(i)}
        >
          {body}
        </Section>
      ))}
    </section>
  );
}
