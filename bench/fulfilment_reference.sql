-- One paid order a transaction, by hand: what the engine writes for one order, row for row, as a
-- good engineer writes it without batches. Driven by pgbench, prepared, as kashu_app under
-- row-level security. Variables: tenant, run.
--
-- It is spared what the engine does: it makes no ids in a client, accounts are there already, and
-- it has no answer to compose or parse. Reads are joined and writes that don't need each other's
-- answers share a statement: 9 round trips and the commit. (The row's lock is one of its own: what is read after it was
-- committed before it.)
\set store random(1, :stores)
\set sku random(1, :skus)
\set number random(1, 1000000000000)
BEGIN;
SET LOCAL kashu.tenant_id = ':tenant';
