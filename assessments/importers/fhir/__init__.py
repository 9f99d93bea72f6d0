"""FHIR R4B: Questionnaires read as instruments and written from them; answers and scores written as resources."""

from assessments.importers.fhir.exporting import to_questionnaire
from assessments.importers.fhir.importing import from_questionnaire
from assessments.importers.fhir.responses import Given, Scored, Sitting, to_bundle, to_observations, to_response

__all__ = [
    "Given",
    "Scored",
    "Sitting",
    "from_questionnaire",
    "to_bundle",
    "to_observations",
    "to_questionnaire",
    "to_response",
]
