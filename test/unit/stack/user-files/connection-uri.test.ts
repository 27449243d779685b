import { expect, test } from "vitest";
import { connectionFromUri } from "../../../../src/stack/user-files/connection-uri.ts";

test.each([
  [
    "postgresql://me:p%40ss@db.example:5433/shop?sslmode=require",
    {
      type: "postgresql",
      host: "db.example",
      port: 5433,
      login: "me",
      password: "p@ss",
      schema: "shop",
      extra: '{"sslmode":"require"}',
    },
  ],
  [
    "http://localhost",
    { type: "http", host: "localhost", port: undefined, login: undefined, schema: undefined },
  ],
  [
    "google-cloud-platform://?project=mine",
    { type: "google_cloud_platform", host: undefined, extra: '{"project":"mine"}' },
  ],
  ["aws://AKIA:se%2Fcret@/?region_name=eu-west-1", { type: "aws", login: "AKIA", password: "se/cret" }],
  [`generic://h?__extra__=${encodeURIComponent('{"a": {"b": 1}}')}`, { host: "h", extra: '{"a": {"b": 1}}' }],
])("%s is read", (uri, fields) => {
  expect(connectionFromUri("it", uri)).toMatchObject({ id: "it", ...fields });
});

test.each(["", "nonsense", "http://a b", "://x", "http://%zz@host", "http://host/%ff"])(
  "%j is none",
  (uri) => {
    expect(connectionFromUri("it", uri)).toBeUndefined();
  },
);
