"""The titles that name the sections of clinical notes, as data."""

from enum import StrEnum
from functools import cache

from openmed_agent.clinical.assertion_words import word_set


class SectionKind(StrEnum):
    """What a section of a note is about."""

    HEADER = "header"
    CHIEF_COMPLAINT = "chief_complaint"
    HISTORY_OF_PRESENT_ILLNESS = "history_of_present_illness"
    PAST_MEDICAL_HISTORY = "past_medical_history"
    PAST_SURGICAL_HISTORY = "past_surgical_history"
    MEDICATIONS = "medications"
    HOME_MEDICATIONS = "home_medications"
    DISCHARGE_MEDICATIONS = "discharge_medications"
    HOSPITAL_MEDICATIONS = "hospital_medications"
    STOPPED_MEDICATIONS = "stopped_medications"
    ALLERGIES = "allergies"
    FAMILY_HISTORY = "family_history"
    SOCIAL_HISTORY = "social_history"
    REVIEW_OF_SYSTEMS = "review_of_systems"
    VITALS = "vitals"
    PHYSICAL_EXAM = "physical_exam"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    PROCEDURES = "procedures"
    HOSPITAL_COURSE = "hospital_course"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    ASSESSMENT_AND_PLAN = "assessment_and_plan"
    PROBLEM_LIST = "problem_list"
    FOLLOW_UP = "follow_up"
    INSTRUCTIONS = "instructions"
    IMMUNIZATIONS = "immunizations"
    SIGNATURE = "signature"
    OTHER = "other"


# Titles as normalised by `normalised_title`: lower case, "and" for &, single blanks, no punctuation but "/".
_TITLES: dict[SectionKind, str] = {
    SectionKind.HEADER: (
        "patient information|patient demographics|demographics|patient identification|identifying data|"
        "identifying information|patient data"
    ),
    SectionKind.CHIEF_COMPLAINT: (
        "chief complaint|chief complaints|cc|c/c|presenting complaint|presenting complaints|"
        "presenting problem|reason for visit|reason for admission|reason for consultation|"
        "reason for consult|reason for referral|chief concern|complaint|complaints|presenting symptoms|"
        "cc/hpi|reason for encounter|admission reason"
    ),
    SectionKind.HISTORY_OF_PRESENT_ILLNESS: (
        "history of present illness|history of presenting illness|history of the present illness|hpi|"
        "present illness|history of presenting complaint|history of present complaint|hopi|hpc|subjective|"
        "interval history|history|interim history|clinical history|brief history|hx of present illness|"
        "present history|current history|events overnight|overnight events|interval events|interval hpi|"
        "summary|patient history|history of current illness|24 hour events|history of injury|s"
    ),
    SectionKind.PAST_MEDICAL_HISTORY: (
        "past medical history|pmh|pmhx|past history|medical history|past med history|past medical hx|pmx|"
        "past medical problems|past medical and surgical history|past medical/surgical history|pmh/psh|"
        "pmhx/pshx|pmsh|significant past medical history|hx|medical hx|previous medical history|"
        "prior medical history|medical background|past hx|history past|background|comorbidities|"
        "chronic conditions|pertinent history|past medical history/problem list|"
        "past medical surgical history|pertinent past medical history|chronic medical conditions|"
        "chronic medical problems|other medical history|relevant medical history|relevant history|"
        "past illnesses|medical conditions"
    ),
    SectionKind.PAST_SURGICAL_HISTORY: (
        "past surgical history|psh|pshx|surgical history|surgical hx|past surgical hx|past surgeries|"
        "surgeries|prior surgeries|previous surgeries|operations|past procedures|past surgical procedures|"
        "surgical/procedural history|past operations|previous operations|past procedural history"
    ),
    SectionKind.MEDICATIONS: (
        "medications|medication|meds|current medications|current meds|medication list|med list|medicines|"
        "rx|current medication list|active medications|active meds|drugs|drug history|dhx|"
        "current outpatient medications|current facility administered medications|"
        "medication reconciliation|current medication|medicine|current prescriptions|prescriptions|"
        "current drug therapy|present medications|scheduled medications|current medicines|"
        "regular medications|current treatment|active prescriptions|drug list|medication history"
    ),
    SectionKind.HOME_MEDICATIONS: (
        "home medications|home meds|home medication|medications at home|medications prior to admission|"
        "prior to admission medications|pta medications|pta meds|outpatient medications|"
        "admission medications|medications on admission|meds on admission|admission meds|"
        "preadmission medications|pre admission medications|home medication list|outpatient meds|"
        "medications on arrival|meds at home|medications taken at home|prior medications|home medicines|"
        "usual medications|meds pta"
    ),
    SectionKind.DISCHARGE_MEDICATIONS: (
        "discharge medications|discharge meds|medications on discharge|medications at discharge|"
        "discharge medication|discharge medication list|meds on discharge|discharge prescriptions|"
        "new medications|dc meds|d/c meds|dc medications|d/c medications|medications to take at home|"
        "continue taking|changed medications|start taking|new prescriptions|medications upon discharge|"
        "take these medications|continued medications|change how you take|medications to continue|"
        "medications started|medications changed|discharge med list"
    ),
    SectionKind.HOSPITAL_MEDICATIONS: (
        "hospital medications|inpatient medications|inpatient meds|hospital meds|medications in hospital|"
        "current inpatient medications|current hospital medications|medications administered|"
        "medications given|ed medications|medications in ed|medications during hospitalization|infusions|"
        "drips|scheduled meds|continuous infusions|medications received|meds given|er medications"
    ),
    SectionKind.STOPPED_MEDICATIONS: (
        "stopped medications|discontinued medications|medications stopped|medications discontinued|"
        "stop taking|stop taking these medications|discontinued meds|stopped meds|held medications|"
        "medications held|medications to stop|past medications|previous medications|former medications|"
        "discontinued|meds stopped|meds discontinued|inactive medications|medications to discontinue|"
        "stop these medications"
    ),
    SectionKind.ALLERGIES: (
        "allergies|allergy|drug allergies|medication allergies|allergies and intolerances|all|"
        "allergies/intolerances|allergies and adverse reactions|adverse reactions|drug allergy|"
        "known allergies|allergy list|allergies and sensitivities|allergies/adverse reactions|"
        "adverse drug reactions|adr|food allergies|drug intolerances|intolerances|allergies to medications|"
        "allergic to|medication allergy|allergies/reactions|drug sensitivities|"
        "medication allergies/intolerances|allergen reactions|allergy history|allergy status"
    ),
    SectionKind.FAMILY_HISTORY: (
        "family history|fh|fhx|famhx|family hx|family medical history|fam hx|family|"
        "pertinent family history|significant family history|family med history|fmh|fmhx|"
        "family psychiatric history|family health history|family history of illness"
    ),
    SectionKind.SOCIAL_HISTORY: (
        "social history|sh|shx|social hx|soc hx|social|habits|social and occupational history|psychosocial|"
        "psychosocial history|substance use|substance use history|lifestyle|social determinants|"
        "tobacco use|social habits|personal history|personal and social history|occupational history|"
        "substance history|substance abuse history|social situation|social/occupational history|sochx|"
        "living situation"
    ),
    SectionKind.REVIEW_OF_SYSTEMS: (
        "review of systems|ros|system review|systems review|review of symptoms|complete review of systems|"
        "pertinent review of systems|pertinent positives|pertinent negatives|pertinent ros|"
        "functional inquiry"
    ),
    SectionKind.VITALS: (
        "vitals|vital signs|vs|v/s|vital|vitals signs|admission vitals|discharge vitals|triage vitals|"
        "vitals reviewed|vital signs reviewed|initial vitals|current vitals|vss|ed vitals|"
        "vitals on admission|vitals at discharge|measurements|anthropometrics|obs|observations|"
        "vital signs on admission|today's vitals|vitals today|most recent vitals|last vitals|"
        "vitals on arrival|vital sign|vitals/measurements|vital statistics"
    ),
    SectionKind.PHYSICAL_EXAM: (
        "physical exam|physical examination|pe|px|exam|examination|physical|objective|on examination|o/e|"
        "physical findings|exam findings|admission exam|admission physical exam|discharge exam|"
        "discharge physical exam|general physical exam|clinical examination|physical exam on admission|"
        "physical examination on admission|focused exam|mental status exam|mental status examination|mse|"
        "neurologic exam|neurological exam|neuro exam|cardiac exam|objective findings|clinical exam|oe|"
        "vitals and exam|vitals and physical exam|vitals/exam|vitals/pe|physical exam at discharge|o"
    ),
    SectionKind.LABORATORY: (
        "labs|laboratory|lab|laboratory data|lab data|laboratory results|lab results|laboratory findings|"
        "results|pertinent labs|relevant labs|recent labs|admission labs|discharge labs|laboratory studies|"
        "lab studies|laboratory values|lab values|blood work|bloodwork|chemistry|chemistries|hematology|"
        "cbc|bmp|cmp|pertinent results|data|diagnostic data|labs on admission|labs on discharge|"
        "labs reviewed|investigations|pertinent laboratory data|microbiology|micro|test results|"
        "labs/studies|labs and studies|labs/imaging|labs and imaging|results reviewed|data reviewed|"
        "diagnostics|diagnostic results|diagnostic studies|studies|tests|laboratory tests|lab tests|"
        "labs today|today's labs|most recent labs|urinalysis|ua|bloods|relevant results|significant labs|"
        "laboratory evaluation|laboratory examination|pathology|blood tests|lipid panel|metabolic panel|"
        "basic metabolic panel|comprehensive metabolic panel|complete blood count|lfts"
    ),
    SectionKind.IMAGING: (
        "imaging|radiology|imaging studies|radiology results|imaging results|radiographs|x rays|xrays|"
        "x ray|radiographic studies|diagnostic imaging|radiologic studies|relevant imaging|"
        "pertinent imaging|cxr|chest x ray|ekg|ecg|echo|echocardiogram|ct|mri|ultrasound|imaging findings|"
        "ct head|ct chest|ct abdomen|ct abdomen/pelvis|findings|tte|imaging/studies|recent imaging|"
        "imaging reviewed|cardiac studies|electrocardiogram|radiology reports|radiology findings|"
        "imaging data|radiology studies|us"
    ),
    SectionKind.PROCEDURES: (
        "procedures|procedure|procedures performed|operative procedures|procedure performed|"
        "operation performed|operation|major surgical or invasive procedure|surgical procedures|"
        "procedures and treatments|invasive procedures|procedure note|interventions|"
        "procedures this admission|procedures during admission|operative findings|description of procedure|"
        "procedure in detail|operative procedure|procedure details"
    ),
    SectionKind.HOSPITAL_COURSE: (
        "hospital course|brief hospital course|course|clinical course|ed course|"
        "emergency department course|hospital course by problem|hospital course by system|"
        "course in hospital|summary of hospital course|emergency room course|er course|icu course|"
        "treatment course|hospital stay|hospital summary|concise summary of hospital course|"
        "hospitalization|course of hospitalization|postoperative course"
    ),
    SectionKind.ASSESSMENT: (
        "assessment|impression|impressions|diagnosis|diagnoses|dx|clinical impression|final diagnosis|"
        "final diagnoses|discharge diagnosis|discharge diagnoses|admission diagnosis|admitting diagnosis|"
        "admission diagnoses|principal diagnosis|primary diagnosis|secondary diagnoses|secondary diagnosis|"
        "ddx|differential diagnosis|differential|conclusion|preoperative diagnosis|postoperative diagnosis|"
        "imp|visit diagnoses|encounter diagnoses|encounter diagnosis|medical decision making|mdm|"
        "formulation|working diagnosis|provisional diagnosis|overall impression|summary and impression|"
        "preop diagnosis|discharge dx|admission dx|postop diagnosis|a|other diagnoses|assessments|"
        "visit diagnosis"
    ),
    SectionKind.PLAN: (
        "plan|plans|treatment plan|plan of care|recommendations|recommendation|treatment|management|"
        "care plan|disposition and plan|plan and recommendations|management plan|discharge plan|"
        "plan/recommendations|treatment and plan|therapeutic plan|orders|plan for today|recs|rec|p"
    ),
    SectionKind.ASSESSMENT_AND_PLAN: (
        "assessment and plan|a/p|a and p|ap|assessment/plan|assessment plan|impression and plan|"
        "impression/plan|impression and recommendations|impression/recommendations|"
        "assessment and recommendations|assessment/recommendations|imp/plan|plan and assessment|"
        "assessment and plans|i/p|medical decision making and plan|problems and plan|"
        "assessment and treatment plan|ass/plan|diagnosis and plan"
    ),
    SectionKind.PROBLEM_LIST: (
        "problem list|problems|active problems|active problem list|patient active problem list|"
        "medical problems|active issues|active diagnoses|current problems|issues|chronic problems|"
        "ongoing problems|active medical problems|active medical issues|chronic issues|problem summary|"
        "health concerns|current diagnoses|acute issues|inactive problems|active conditions"
    ),
    SectionKind.FOLLOW_UP: (
        "follow up|followup|f/u|fu|follow up plan|follow up appointments|follow up appointment|"
        "appointments|follow up instructions|follow up care|followup instructions|follow up visit|rtc|"
        "return to clinic|future appointments|upcoming appointments|outpatient follow up|next visit|"
        "recommended follow up|pending results|pending labs|pending studies|disposition and follow up|"
        "follow up recommendations|follow up needed|scheduled follow up|recommended followup|next steps|"
        "followup appointments"
    ),
    SectionKind.INSTRUCTIONS: (
        "instructions|patient instructions|discharge instructions|return precautions|home instructions|"
        "patient education|education|aftercare instructions|discharge disposition|disposition|dispo|"
        "discharge condition|condition on discharge|condition at discharge|counseling|return instructions|"
        "activity|diet|discharge instruction|after visit summary|when to call|when to seek care|"
        "patient education and counseling|call your doctor if|seek medical attention if|warning signs|"
        "reasons to return|when to return|emergency instructions"
    ),
    SectionKind.IMMUNIZATIONS: (
        "immunizations|immunization history|vaccinations|vaccines|immunisations|immunization|"
        "vaccination history|immunization record|immunization status|vaccine history|health maintenance|"
        "preventive care"
    ),
    SectionKind.SIGNATURE: (
        "electronically signed by|electronically signed|signed by|signed|signature|dictated by|attending|"
        "attending physician|provider signature|e signed by|transcribed by|authenticated by|attestation|"
        "attending attestation|cosigned by|digitally signed by|provider|author|physician signature"
    ),
    SectionKind.OTHER: (
        "code status|advance directives|gynecologic history|ob history|obstetric history|ob/gyn history|"
        "gyn history|developmental history|birth history|psychiatric history|past psychiatric history|"
        "insurance|comments|comment|notes|addendum|goals|goals of care|barriers|risk factors|technique|"
        "indication|comparison|exposures|travel history|sexual history|consults|consultants|consultations|"
        "nutrition|menstrual history|functional status|anesthesia|complications|estimated blood loss|"
        "specimens"
    ),
}
# One-letter and ambiguous titles count only where a line starts with the title and a colon.
LINE_START_ONLY = word_set(
    "s o a p all cc sh rx hx vs us ct ap pe px imp rec recs fu dx lab ua ob rtc drips data history "
    "course family social diet activity drugs echo mri ekg ecg cbc bmp cmp lfts provider author "
    "attending comments comment notes goals discontinued background summary issues problems "
    "complications treatment orders findings signed observations obs oe physical technique comparison "
    "indication pathology operation operations"
)
# Abbreviations that open a section without any punctuation: "PMH HTN, DM2."
BARE_TITLES = word_set("pmh pmhx psh pshx fh fhx shx hpi ros a/p famhx")
# Labels of body systems: in an examination or a review of systems they belong to it and open nothing.
SYSTEM_LABELS = word_set(
    "general gen constitutional const heent head eyes ears nose mouth throat ent neck cardiovascular "
    "cv cardiac heart cor respiratory resp pulmonary pulm lungs chest abdomen abd abdominal gi "
    "gastrointestinal gu genitourinary extremities ext extr extremity musculoskeletal msk skin "
    "integumentary derm neurologic neurological neuro psychiatric psych lymph lymphatic lymphatics "
    "hematologic heme endocrine endo back breast rectal pelvic genitalia vascular appearance gait "
    "allergic immunologic hematologic/lymphatic ears/nose/throat"
)


def normalised_title(title: str) -> str:
    """Return a title in the form of the table: lower case, one blank between words, "and" for "&"."""
    plain = title.lower().replace("&", " and ").replace("’", "'").replace("-", " ").replace("_", " ")
    plain = plain.replace("*", " ").replace("#", " ").replace(" / ", "/").replace(".", "")
    return " ".join(plain.split())


@cache
def titles() -> dict[str, SectionKind]:
    """Return every known title and the kind it names."""
    return {title: kind for kind, known in _TITLES.items() for title in known.split("|")}
