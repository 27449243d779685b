/**
 * A text as a string of MLflow's search filters, whose only way to write a quote is between the other kind. One with
 * both kinds matches nothing, and can't end the string either.
 */
export function filterText(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;
}
