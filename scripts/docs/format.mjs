/** How figures are written in the documents. */

/** @param {number | undefined} value */
export const ms = (value) =>
  value === undefined ? '' : value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

/** @param {number | undefined} value */
export const percent = (value) =>
  value === undefined ? '' : `${value.toFixed(value > 0 && value < 1 ? 2 : value < 10 ? 1 : 0)} %`;

/** @param {number | undefined} value */
export const megabytes = (value) => (value === undefined ? '' : `${Math.round(value) || 0} MB`);

/** @param {number | undefined} value */
export const seconds = (value) => (value === undefined ? '' : `${value.toFixed(1)} s`);
