-- Unit and topic of every metric of the vocabulary.
select code, unit, topic from metric
