from router.policy.same import Same


def test_only_the_very_same_object_is_equal() -> None:
    one, twin = [1], [1]
    assert Same(one) == Same(one)
    assert Same(one) != Same(twin)
    assert Same(one) != one
    assert {Same(one): "known"}.get(Same(one)) == "known"
    assert Same(twin) not in {Same(one): "known"}
