"""Whether a plane answers, with the key that is set: its health needs none, so one small question is asked as well."""

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.codes.contract import Health as CodesHealth
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.contract import Health as InferenceHealth


async def check_inference(client: InferenceClient) -> InferenceHealth:
    """Return what the inference plane says of itself, once it has answered a question; starts an embedded one.

    Raises:
        PlaneError: it gave no usable answer.

    """
    health = await client.health()
    await client.analyze("Denies chest pain.")
    return health


async def check_codes(client: CodesClient) -> CodesHealth:
    """Return what the codes plane says of itself, once it has answered a question; starts an embedded one.

    Raises:
        PlaneError: it gave no usable answer.

    """
    health = await client.health()
    if "icd10cm" in health.capabilities:
        await client.icd10_concept("I10")
    else:
        await client.rx_approximate("lisinopril")
    return health
