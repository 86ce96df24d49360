-- Documents that are not known yet.
-- params: source_id, type, title, publisher, published_on, published_precision, url, sha256, language, licence, redistributable, retrieved_on, series
insert into source (source_id, type, title, publisher, published_on, published_precision, url, sha256, language, licence,
                    redistributable, retrieved_on, series)
values ($1::uuid, $2::text, $3::text, $4::text, $5::date, $6::text, $7::text, $8::text, $9::text, $10::text, $11::boolean,
        $12::date, $13::text)
    on conflict (source_id) do nothing
