import { expect, test } from "vitest";
import { readConnection } from "../../../../src/stack/probes/connection.ts";

test.each([
  [
    '{"conn_type":"http","host":"http://mlflow:5000","login":"mlflow","password":"p"}',
    "http://mlflow:5000",
    ["mlflow", "p"],
  ],
  ['{"host":"mlflow","port":5000}', "http://mlflow:5000", ["", ""]],
  ["http://us%40er:p%2Fw@mlflow:5000/?x=1", "http://mlflow:5000", ["us@er", "p/w"]],
  ["mlflow://mlflow:5000", "http://mlflow:5000", ["", ""]],
])("%s is a connection to %s", (text, url, user) => {
  expect(readConnection(text)).toEqual({ url, user });
});

test.each(["", "nonsense", "[]", "{}", '{"host": 5}'])("what can't be read leads nowhere: %j", (text) => {
  expect(readConnection(text).url).toMatch(/\.invalid$/u);
});
