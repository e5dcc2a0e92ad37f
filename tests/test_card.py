"""The request card and the customer's page: who reads what."""

from tests.people import enter, file_request


def test_clauses_of_the_norm_stand_beside_each_stage_for_staff_only(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now, service="lab")
    card = enter(app, people.manajer_teknis).get(f"/backoffice/permohonan/{filed.public_id}").text
    clauses = [stage.clause for stage in runtime.catalogue["lab"].flow.stages if stage.clause]
    assert len(clauses) > 10
    for clause in clauses:
        assert f"SNI ISO/IEC 17025:2017 klausul {clause}" in card
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    assert "klausul" not in page
