-- One row if a metric is in the vocabulary.
-- params: code
-- plan: once
select code from metric where code = $1::text
