/** The icons that JupyterLab does not have. */

import { LabIcon } from '@jupyterlab/ui-components';

import checkpoint from '../style/icons/checkpoint.svg';
import data from '../style/icons/data.svg';
import drift from '../style/icons/drift.svg';
import error from '../style/icons/error.svg';
import hidden from '../style/icons/hidden.svg';
import info from '../style/icons/info.svg';
import order from '../style/icons/order.svg';
import restore from '../style/icons/restore.svg';
import runs from '../style/icons/runs.svg';
import stale from '../style/icons/stale.svg';
import star from '../style/icons/star.svg';
import unplugged from '../style/icons/unplugged.svg';
import warning from '../style/icons/warning.svg';

export const runsIcon = new LabIcon({ name: 'runtrack:runs', svgstr: runs });
export const checkpointIcon = new LabIcon({ name: 'runtrack:checkpoint', svgstr: checkpoint });
export const dataIcon = new LabIcon({ name: 'runtrack:data', svgstr: data });
export const driftIcon = new LabIcon({ name: 'runtrack:drift', svgstr: drift });
export const errorIcon = new LabIcon({ name: 'runtrack:error', svgstr: error });
export const restoreIcon = new LabIcon({ name: 'runtrack:restore', svgstr: restore });
export const infoIcon = new LabIcon({ name: 'runtrack:info', svgstr: info });
export const hiddenIcon = new LabIcon({ name: 'runtrack:hidden', svgstr: hidden });
export const orderIcon = new LabIcon({ name: 'runtrack:order', svgstr: order });
export const staleIcon = new LabIcon({ name: 'runtrack:stale', svgstr: stale });
export const starIcon = new LabIcon({ name: 'runtrack:star', svgstr: star });
export const unpluggedIcon = new LabIcon({ name: 'runtrack:unplugged', svgstr: unplugged });
export const warningIcon = new LabIcon({ name: 'runtrack:warning', svgstr: warning });
