-- The sum behind the digest of each edition's live answers; filled by almanac.store.state_digest.
create table edition_state (
  edition integer primary key references edition deferrable initially deferred,
  sum     bytea   not null check (octet_length(sum) = 512)
);
comment on table edition_state is
  'Sum modulo 2^4096 over the live answers of an edition of SHAKE128(SHA-256(body)), 512 bytes each, big-endian.';
create trigger refuse_rewrite before update or delete or truncate on edition_state
  for each statement execute function refuse_rewrite();
grant select on edition_state to almanac_reader, almanac_publisher;
grant insert on edition_state to almanac_publisher;
