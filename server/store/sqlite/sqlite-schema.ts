/**
 * `synchronous` is set per connection: FULL for what must survive a power cut, NORMAL for leases,
 * notes and activity.
 */
export const SCHEMA = `
create table if not exists kept (name text primary key, value text not null) without rowid;
create table if not exists sessions (
  key text primary key,
  generation integer not null,
  last_active integer not null,
  facts text not null,
  notes text not null,
  ended text,
  user text not null,
  sid_key text,
  created integer not null,
  purge_at integer not null
) without rowid;
create index if not exists sessions_user on sessions (user);
create index if not exists sessions_sid on sessions (sid_key) where sid_key is not null;
create index if not exists sessions_purge on sessions (purge_at);
create table if not exists tokens (key text primary key, sealed text not null) without rowid;
create table if not exists leases (key text primary key, holder text not null, until integer not null) without rowid;
create table if not exists remembered (
  name text primary key, value integer not null, expires_at integer not null
) without rowid;
create table if not exists left_texts (
  name text primary key, text text not null, expires_at integer not null
) without rowid;
create index if not exists remembered_expiry on remembered (expires_at);
`;
