"""Folding of company names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almanac.names import fold


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("ZTE Corporation", "zte"),
        ("ZTE Corp.", "zte"),
        ("Telefonaktiebolaget LM Ericsson AB", "telefonaktiebolaget lm ericsson"),
        ("Société Générale S.A.", "societe generale"),
        ("ENEL S.p.A.", "enel"),
        ("Koninklijke Philips N.V.", "koninklijke philips"),
        ("Ørsted A/S", "orsted a s"),
        ("Straße & Söhne GmbH", "strasse and sohne"),
        ("Türkiye İş Bankası", "turkiye is bankasi"),  # noqa: RUF001
        ("中兴通讯股份有限公司", "中兴通讯股份有限公司"),
        ("Bridgestone Holding", "bridgestone holding"),
        ("Ｆｕｊｉ　Ｃｏ．", "fuji"),  # noqa: RUF001
    ],
)
def test_legal_forms_accents_and_points_fall_away(name: str, folded: str):
    assert fold(name) == folded


@pytest.mark.parametrize("name", ["SE", "AG Co.", "S.A.", "Inc"])
def test_a_name_of_nothing_but_legal_forms_is_kept(name: str):
    assert fold(name)


@pytest.mark.parametrize("name", ["+++", "!", "—"])
def test_a_name_without_letters_is_kept_as_it_is(name: str):
    assert fold(name) == name


@given(st.text(min_size=1).filter(str.strip))
def test_every_name_folds_to_something(name: str):
    assert fold(name).strip()


@given(st.text(alphabet=st.characters(codec="latin-1", categories=["L", "N", "Zs"]), min_size=1).filter(str.strip))
def test_folding_again_changes_nothing(name: str):
    assert fold(fold(name)) == fold(name)
