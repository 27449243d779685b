import type { TestProject } from "./test-project.ts";

/** Asks the project's Airflow over its API, independently of the tool's own adapter. */
export async function callAirflow(project: TestProject, path: string): Promise<unknown> {
  const root = `http://127.0.0.1:${project.ports.airflow}`;
  const login = await fetch(`${root}/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: await project.secret("AIRFLOW_ADMIN_PASSWORD") }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const answer = await fetch(root + path, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}
