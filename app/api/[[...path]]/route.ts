import { answerUnknownPath } from '#lib/api/handler.ts';

// Without this Next would answer a program with a page.
export {
  answerUnknownPath as DELETE,
  answerUnknownPath as GET,
  answerUnknownPath as OPTIONS,
  answerUnknownPath as PATCH,
  answerUnknownPath as POST,
  answerUnknownPath as PUT,
};
