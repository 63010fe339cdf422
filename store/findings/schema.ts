/**
 * Findings in the file of the canonical readings (a step of its migrations): what stands, every change of it, and
 * the facts each point was judged with. A finding is kept as JSON beside what it is looked for by.
 */
export const findingTables = `
  create table finding (
    id text primary key,
    point text not null,
    place text not null,
    open integer not null,
    start_ms integer not null,
    end_ms integer,
    as_of_ms integer not null,
    json text not null
  ) strict, without rowid;
  create index finding_point on finding (point, start_ms);
  create index finding_place on finding (place, start_ms);
  create index finding_start on finding (start_ms, id);
  create table finding_change (
    no integer primary key,
    kind text not null,
    finding text not null,
    replaces text not null,
    fact_version integer not null,
    recorded_ms integer not null,
    json text not null
  ) strict;
  create index finding_change_finding on finding_change (finding, no);
  create table judged_point (
    point text primary key,
    facts text not null,
    watched integer not null
  ) strict, without rowid;
  create index judged_point_watched on judged_point (point) where watched = 1;
`
