/** How long certificates are valid, in milliseconds. */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** What holds where the configuration says nothing. */
export const LIFETIME = 90 * DAY;
/** A new certificate is valid since yesterday: the clocks of machines differ, and some are a time zone off. */
export const BACKDATED = 24 * HOUR;
