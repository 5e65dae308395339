"""The names of laboratory tests and vital signs, as data.

Each entry holds the canonical name, then its other names. A name of up to two letters counts only as written
("K", "Na", "PT"). LOINC codes are given for the common vital signs only. This material contains content from
LOINC (http://loinc.org). LOINC is copyright Regenstrief Institute, Inc. and the LOINC Committee and is
available at no cost under the license at http://loinc.org/license.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is measured: canonical name, LOINC code where given, and the values plausible in any unit."""

    name: str
    kind: Literal["lab", "vital"]
    low: float = 0.0
    high: float = 1e9
    loinc: str | None = None
    also_drug: bool = False


# canonical | aliases ; plausible low and high where a bare number would otherwise be taken for something else
_VITALS = """
blood pressure,40,300,85354-9|BP|B/P|BPs|blood pressures|pressures|hypotensive|
  hypertensive|hypotension|blood pressure reading|bp's|NIBP|ABP
systolic blood pressure,40,300,8480-6|SBP|systolic|systolic BP|systolic pressure
diastolic blood pressure,20,200,8462-4|DBP|diastolic|diastolic BP|diastolic pressure
heart rate,20,300,8867-4|HR|pulse|pulse rate|P|heart rates|apical pulse|ventricular rate
respiratory rate,4,80,9279-1|RR|respirations|resp rate|resp|R|respiration rate|breathing rate|
  respiratory rate (rr)|resps
body temperature,30,115,8310-5|T|temp|temperature|Tmax|Tm|Tcurrent|Tc|temp max|oral temp|fever|fevers|febrile
oxygen saturation,40,100,59408-5|SpO2|O2 sat|O2 sats|O2 saturation|oxygen sat|sat|sats|SaO2|pulse ox|
  pulse oximetry|O2sat|SPO2|oxygen saturations|saturating|satting|sating|O2 saturations|oximetry|Sp02|
  02 sat
body weight,0.3,1500,29463-7|weight|Wt|weighs|weighed|weighing|body weight|admission weight|
  discharge weight|dry weight
body height,20,300,8302-2|height|Ht|body height|length
body mass index,8,120,39156-5|BMI|body mass index
pain score,0,10|pain|pain scale|pain level|pain severity|pain rating|pain intensity
"""
_LABS = """
sodium,90,200|Na|Na+|serum sodium|sodium level
potassium,1,12|K|K+|serum potassium
chloride,50,160|Cl|Cl-|serum chloride
bicarbonate,2,60|HCO3|CO2|bicarb|total CO2|TCO2|serum bicarbonate|HCO3-|carbon dioxide
urea nitrogen,1,300|BUN|blood urea nitrogen|urea
creatinine,0.1,2000|Cr|SCr|serum creatinine|creat|Crt|creatine
glucose,1,2500|Glu|blood sugar|blood glucose|fasting glucose|FBG|FBS|fasting blood sugar|
  fasting blood glucose|FSBG|fingerstick|fingerstick glucose|finger stick|random glucose|POC glucose|BG|
  plasma glucose|Gluc|glucose level|serum glucose|accucheck|RBS|fasting plasma glucose|blood sugars
hemoglobin A1c,3,200|A1c|HbA1c|HgbA1c|Hgb A1c|Hb A1c|hemoglobin A1C|glycated hemoglobin|glycohemoglobin|
  haemoglobin A1c|HA1c|hgba1c|hemoglobin a 1c|glycosylated hemoglobin
estimated glomerular filtration rate,1,200|eGFR|GFR|estimated GFR|GFR estimated|
  glomerular filtration rate
calcium,1,20,drug|Ca|Ca++|serum calcium|total calcium|corrected calcium
ionized calcium,0.3,8|iCa|ionised calcium|ica++
magnesium,0.3,12,drug|Mg|Mg++|serum magnesium|Mag
phosphate,0.3,20,drug|phos|phosphorus|PO4|serum phosphate|serum phosphorus|Phosph
uric acid,0.5,1000|urate|serum uric acid
anion gap,0,60|AG|gap
osmolality,150,1400|serum osmolality|serum osm|osm|osms
lactate,0.1,40|lactic acid|serum lactate|venous lactate
total protein,1,150|TP|protein total|serum protein
albumin,0.5,80,drug|Alb|serum albumin
prealbumin,1,100|transthyretin
aspartate aminotransferase,1,30000|AST|SGOT|aspartate transaminase
alanine aminotransferase,1,30000|ALT|SGPT|alanine transaminase
alkaline phosphatase,5,10000|ALP|alk phos|alkp|alk phosphatase|ap
gamma-glutamyl transferase,1,10000|GGT|gamma gt|GGTP
total bilirubin,0.05,1000|bilirubin|T bili|Tbili|tbil|bilirubin total|bili|total bili|T. bili
direct bilirubin,0.01,1000|D bili|Dbili|conjugated bilirubin|bilirubin direct|direct bili
lactate dehydrogenase,20,50000|LDH|LD
amylase,1,20000|serum amylase
lipase,1,50000|serum lipase
ammonia,1,2000|NH3|serum ammonia
white blood cell count,0.01,500000|WBC|white count|white blood cells|white cell count|WBC count|
  leukocytes|white blood count|WBCs|wcc|leukocyte count|white blood cell
red blood cell count,0.3,12|RBC|red blood cells|RBC count|red cell count|erythrocytes
hemoglobin,1,250|Hgb|Hb|haemoglobin|H&H|HGB
hematocrit,3,80|Hct|haematocrit|Crit
platelet count,0.5,3000000|Plt|platelets|PLT|platelet|Plts|thrombocytes|plt count
mean corpuscular volume,40,160|MCV
mean corpuscular hemoglobin,10,60|MCH
mean corpuscular hemoglobin concentration,15,450|MCHC
red cell distribution width,5,70|RDW|RDW-CV
mean platelet volume,3,25|MPV
absolute neutrophil count,0,100000|ANC|absolute neutrophils|neutrophils absolute|neutrophil count
neutrophils,0,100|neuts|PMNs|segs|polys|neutrophil
lymphocytes,0,100|lymphs|lymphocyte
monocytes,0,100|monos
eosinophils,0,100|eos
basophils,0,100|basos
bands,0,100|band forms
absolute lymphocyte count,0,100000|ALC
reticulocyte count,0,500|retic|reticulocytes|retic count
international normalized ratio,0.5,20|INR|PT/INR|PT-INR|PT INR
prothrombin time,5,150|PT|protime
partial thromboplastin time,10,250|PTT|aPTT|APTT|activated partial thromboplastin time
fibrinogen,10,2000|fibrinogen level
D-dimer,0,100000|D dimer|ddimer
troponin,0,1000000|trop|trops|troponin level
troponin I,0,1000000|TnI|trop I|cTnI|hs-troponin I|high sensitivity troponin I
troponin T,0,1000000|TnT|trop T|cTnT|hs-troponin T|hsTnT|high sensitivity troponin T
high-sensitivity troponin,0,1000000|hs-troponin|hsTn|hs troponin|hstrop|hs-trop|
  high sensitivity troponin
B-type natriuretic peptide,0,100000|BNP|brain natriuretic peptide
N-terminal pro-B-type natriuretic peptide,0,500000|NT-proBNP|NTproBNP|NT pro BNP|pro-BNP|proBNP|
  NT-pro BNP
creatine kinase,1,500000|CK|CPK|total CK|creatine phosphokinase
creatine kinase MB,0,5000|CK-MB|CKMB
total cholesterol,1,1200|cholesterol|TC|cholesterol total|chol|total chol
LDL cholesterol,0.2,800|LDL|LDL-C|low density lipoprotein|calculated LDL|LDL chol
HDL cholesterol,0.1,200|HDL|HDL-C|high density lipoprotein|HDL chol
triglycerides,0.1,20000|TG|trigs|triglyceride|TGs|trig
non-HDL cholesterol,0.2,1000|non-HDL|non HDL
VLDL cholesterol,0,500|VLDL
lipoprotein(a),0,1000|Lp(a)|lipoprotein a
apolipoprotein B,1,500|ApoB|apo B
thyroid stimulating hormone,0,1000|TSH|thyrotropin
free thyroxine,0.01,100|free T4|FT4|fT4|thyroxine free|T4 free
total thyroxine,0.1,400|total T4
free triiodothyronine,0.1,50|free T3|FT3
total triiodothyronine,0.1,1000|total T3
parathyroid hormone,0,10000|PTH|intact PTH|iPTH
cortisol,0,2000|AM cortisol|serum cortisol|morning cortisol
prolactin,0,100000|PRL|prolactin level
follicle stimulating hormone,0,500|FSH
luteinizing hormone,0,500|LH
testosterone,0,3000,drug|total testosterone|testosterone level
estradiol,0,10000,drug|E2
C-reactive protein,0,1000|CRP|hs-CRP|hsCRP
erythrocyte sedimentation rate,0,200|ESR|sed rate|sedimentation rate
procalcitonin,0,1000|PCT|procal
ferritin,0,200000|serum ferritin|ferritin level
iron,1,1000,drug|Fe|serum iron|iron level
total iron binding capacity,10,1000|TIBC|iron binding capacity
transferrin saturation,0,100|TSAT|iron saturation|iron sat|% saturation|transferrin sat
transferrin,10,1000
vitamin B12,10,10000,drug|B12|cobalamin|vit B12|B12 level|vitamin B-12
folate,0.1,2000,drug|folic acid|serum folate|folate level
25-hydroxyvitamin D,1,300,drug|vitamin D|vit D|25-OH vitamin D|25 OH vitamin D|vitamin D 25-OH|25(OH)D|
  vitamin D 25 OH|vitamin D level|25 hydroxy vitamin D|vitamin D 25 hydroxy
zinc,1,500,drug|serum zinc
prostate specific antigen,0,10000|PSA|prostate-specific antigen
carcinoembryonic antigen,0,100000|CEA
cancer antigen 125,0,100000|CA-125|CA 125|CA125
cancer antigen 19-9,0,1000000|CA 19-9|CA19-9
alpha fetoprotein,0,1000000|AFP|alpha-fetoprotein
human chorionic gonadotropin,0,1000000|hCG|beta-hCG|bHCG|beta HCG|b-hcg|serum hcg
haptoglobin,0,1000
complement C3,0,500|C3
complement C4,0,500|C4
rheumatoid factor,0,5000|RF
pH,6,9|arterial pH|venous pH|urine pH
partial pressure of carbon dioxide,5,200|pCO2|PaCO2|PCO2
partial pressure of oxygen,5,700|pO2|PaO2|PO2
CD4 count,0,5000|CD4|CD4+|absolute CD4
HIV viral load,0,100000000|viral load|HIV RNA
digoxin level,0,10,drug|digoxin|dig level
lithium level,0,5,drug|lithium|Li
vancomycin trough,0,100|vanc trough|vancomycin level|vanco trough|vanc level|trough
phenytoin level,0,100,drug|phenytoin|Dilantin level
valproate level,0,300,drug|valproic acid level|VPA level|depakote level|valproic acid
tacrolimus level,0,60,drug|tacrolimus|FK506|FK level|tacro level|tacrolimus trough|prograf level
cyclosporine level,0,2000|cyclosporine trough
carbamazepine level,0,30|tegretol level
theophylline level,0,60
gentamicin level,0,40|gentamicin trough|gent trough
tobramycin level,0,40|tobramycin trough
acetaminophen level,0,1000|tylenol level|APAP level
salicylate level,0,200
ethanol level,0,1000|ETOH level|blood alcohol|alcohol level|EtOH level|blood alcohol level|BAL
urine albumin/creatinine ratio,0,20000|UACR|albumin/creatinine ratio|urine ACR|ACR|
  urine albumin creatinine ratio|microalbumin/creatinine ratio|albumin creatinine ratio|
  urine albumin-to-creatinine ratio|albumin to creatinine ratio|urine microalbumin/creatinine ratio|
  albumin-creatinine ratio
urine protein/creatinine ratio,0,50000|UPCR|protein/creatinine ratio|UPC|protein creatinine ratio|
  urine protein creatinine ratio
urine microalbumin,0,20000|microalbumin|urine albumin
urine creatinine,1,1000
urine sodium,1,400|UNa
urine protein,0,50000|24 hour urine protein|24h urine protein
urine specific gravity,1,2|specific gravity|SG|spec grav
ejection fraction,3,95|EF|LVEF|left ventricular ejection fraction
"""


FINDING_NAMES = frozenset(("hypotensive", "hypertensive", "hypotension", "fever", "fevers", "febrile"))
"""Names that are findings themselves: the value beside one is measured, the word stays a problem."""

_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]")


def tokens_of(name: str) -> tuple[str, ...]:
    """Return the letters, numbers and marks of a name, in lower case."""
    return tuple(token.lower() for token in _TOKEN.findall(name))


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write the name of an analyte; a short one counts only as written."""

    tokens: tuple[str, ...]
    exact: str | None
    analyte: Analyte


@cache
def aliases() -> dict[str, tuple[Alias, ...]]:
    """Return every alias by its first token, longest first."""
    found: dict[tuple[str, ...], Alias] = {}
    for kind, table in (("vital", _VITALS), ("lab", _LABS)):
        for line in table.replace("|\n  ", "|").strip().splitlines():
            head, *names = line.split("|")
            analyte = _analyte(head, "vital" if kind == "vital" else "lab")
            for name in (analyte.name, *names):
                short = len(name.rstrip("+-")) <= 2 or name in {"Mag", "Alb", "Crit", "gap"}  # noqa: PLR2004
                key = (*tokens_of(name), name) if short else tokens_of(name)
                found.setdefault(key, Alias(tokens_of(name), name if short else None, analyte))
    by_first: dict[str, list[Alias]] = {}
    for alias in found.values():
        by_first.setdefault(alias.tokens[0], []).append(alias)
    return {first: tuple(sorted(known, key=lambda alias: -len(alias.tokens))) for first, known in by_first.items()}


def _analyte(head: str, kind: Literal["lab", "vital"]) -> Analyte:
    name, *rest = head.split(",")
    low, high = (float(rest[0]), float(rest[1])) if len(rest) > 1 else (0.0, 1e9)
    extra = rest[2] if len(rest) > 2 else None  # noqa: PLR2004
    drug = extra == "drug"
    return Analyte(name, kind, low, high, None if drug else extra, also_drug=drug)
