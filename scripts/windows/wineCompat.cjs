// Loaded into every Windows Node of the tests before anything else. wine 8 knows no TCP_KEEPIDLE, so that a socket asked
// for keep-alive (undici asks always) fails with "connect UNKNOWN". A workaround for wine; Windows needs none.
const { Socket } = require('node:net');

Socket.prototype.setKeepAlive = function setKeepAlive() {
  return this;
};
