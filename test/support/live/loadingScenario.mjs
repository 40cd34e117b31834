// Imports the library, then uses it, and prints the error.
const { TXLivePlayer } = await import('#lib/index');
process.stdout.write('ready\n');
try {
  await new TXLivePlayer().close();
  process.stdout.write(JSON.stringify({ code: 'none' }));
} catch (error) {
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message, cause: error.cause !== undefined }));
}
