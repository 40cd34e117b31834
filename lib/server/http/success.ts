import { ServiceCode, successMessage } from '../ServiceError.js';

/** What every answer of code 0 begins with. */
export const success = { code: ServiceCode.ok, message: successMessage } as const;
