-- One row if a metric is in the vocabulary.
-- params: code
select code from metric where code = $1::text
