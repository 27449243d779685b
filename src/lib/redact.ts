const SHORTEST_SECRET = 6;
const MASK = "***";

/**
 * A function that masks every secret in a text, also where it is URL-encoded or inside JSON.
 * Secrets under six characters are left alone: masking "admin" would mangle ordinary words.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(writtenForms);
  // Longest first, so that a secret which contains another leaves no remainder behind.
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function writtenForms(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  return [secret, encoded, encoded.replaceAll("%20", "+"), JSON.stringify(secret).slice(1, -1)];
}
