/** Vault's database engine, on a PostgreSQL: it makes a user for whoever reads a role. */
import type { Postgresql } from "./postgresql.ts";
import type { VaultServer } from "./server.ts";

/** Mounts it at `database/`, with a role whose users may log in. @param role reads as `database/creds/ROLE` */
export async function enableDatabase(vault: VaultServer, database: Postgresql, role: string): Promise<void> {
  await vault.call("POST", "sys/mounts/database", { type: "database" });
  await vault.call("POST", "database/config/tasks", {
    plugin_name: "postgresql-database-plugin",
    allowed_roles: [role],
    connection_url: `postgresql://{{username}}:{{password}}@${database.address}/postgres?sslmode=disable`,
    username: database.user,
    password: database.password,
  });
  await vault.call("POST", `database/roles/${role}`, {
    db_name: "tasks",
    creation_statements: [`CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
    default_ttl: "1h",
  });
}
