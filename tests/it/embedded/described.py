"""What schemathesis checks beyond its own: that a server error is a job's, and not ours."""

import schemathesis


@schemathesis.check
def no_fault_of_ours(ctx, response, case):
    """A page that fails is 500 in the first dialect, with the id of its job; any other 5xx is a fault of the gateway."""
    if response.status_code < 500:
        return
    body = response.json()
    is_a_jobs = body.get("status") == "error" and bool(body.get("jobId"))
    if is_a_jobs and not body["message"].startswith("Internal"):
        return
    raise AssertionError(f"{response.status_code}: {response.text}")
