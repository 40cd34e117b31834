export {
  type StartTestServiceOptions,
  startTestService,
  type TestLoginInfo,
  type TestService,
} from './startTestService.js';
