/** The spec's notice: it says only that something changed; clients read the member list. */
export const noticeData = JSON.stringify({ cmd: 'notifyPusherChange', data: '' });
