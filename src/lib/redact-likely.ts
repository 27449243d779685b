const MASK = "***";

const telling =
  "pass(?:word|wd|phrase)?|secret|token|credentials?|api_?key|access_?key|private_?key|fernet_?key";

/** Where a secret stands that nobody here knows: what is kept of the match comes first, the secret after it. */
const places: readonly RegExp[] = [
  // NAME=value, name: value, "name": "value"; a reference such as ${NAME} is no secret.
  new RegExp(
    `(\\b\\w*(?:${telling})\\w*["']?\\s*[:=]\\s*["']?)((?!\\$\\{)(?:(?<=")[^"\\n]+|(?<=')[^'\\n]+|[^\\s"',;}]+))`,
    "giu",
  ),
  // scheme://user:password@host
  /(\b[a-z][\w+.-]*:\/\/)([^\s/@:"']*:[^\s/@"']+)(?=@)/giu,
  /(\b(?:Bearer|Basic)\s+)([\w+/.=~-]{8,})/gu,
  // Signed tokens, and access keys of AWS.
  /(\b)(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/gu,
  /(\b)((?:AKIA|ASIA)[A-Z0-9]{16})\b/gu,
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)([\s\S]*?)(?=-----END|$)/gu,
];

/** Masks what looks like a secret by its name or form, whoever's it is; rather too much than too little. */
export function maskLikelySecrets(text: string): string {
  return places.reduce((masked, place) => masked.replaceAll(place, `$1${MASK}`), text);
}
