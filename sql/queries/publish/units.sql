-- Unit of every metric of the vocabulary.
select code, unit from metric
