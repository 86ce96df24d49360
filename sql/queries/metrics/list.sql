-- The vocabulary of metrics, by code.
select code, label, unit, topic, scope, scope2_method, s3_category, period_type, good_when, esrs, ifrs, notes
  from metric
 order by code
