"""Brand names of the United States and the ingredient each stands for, as in FDA's Orange Book.

For hints only: a brand leads to drugs of its ingredient as candidates, never to an answer. Brands with several
ingredients, and those that name different ones over time, are left out.
"""

from collections.abc import Mapping
from typing import Final

_BRANDS_TEXT: Final = """
acetaminophen: tylenol ofirmev; albuterol: ventolin proair proventil; alendronic: fosamax; allopurinol: zyloprim;
alteplase: activase; amlodipine: norvasc; amoxicillin: amoxil; anastrozole: arimidex; aspirin: bayer ecotrin;
atazanavir: reyataz; atenolol: tenormin; atomoxetine: strattera; atorvastatin: lipitor; azathioprine: imuran;
azithromycin: zithromax; baricitinib: olumiant; benazepril: lotensin; benztropine: cogentin; bicalutamide: casodex;
budesonide: pulmicort; buprenorphine: subutex; buspirone: buspar; canagliflozin: invokana; captopril: capoten;
carbamazepine: tegretol; carvedilol: coreg; cefdinir: omnicef; cefepime: maxipime; cefixime: suprax;
cefoxitin: mefoxin; cefpodoxime: vantin; ceftazidime: fortaz; ceftriaxone: rocephin; cefuroxime: ceftin;
cephalexin: keflex; cetirizine: zyrtec; ciprofloxacin: cipro; clarithromycin: biaxin; clonazepam: klonopin;
clopidogrel: plavix; colchicine: colcrys; darunavir: prezista; diazepam: valium; digoxin: lanoxin;
diphenhydramine: benadryl; dolutegravir: tivicay; donepezil: aricept; dorzolamide: trusopt; duloxetine: cymbalta;
efavirenz: sustiva; empagliflozin: jardiance; enalapril: vasotec; enoxaparin: lovenox; entecavir: baraclude;
escitalopram: lexapro; exemestane: aromasin; ezetimibe: zetia; famotidine: pepcid; fexofenadine: allegra;
fluoxetine: prozac; furosemide: lasix; gabapentin: neurontin; galantamine: razadyne; glimepiride: amaryl;
glipizide: glucotrol; hydroxychloroquine: plaquenil; ibuprofen: advil motrin; insulin: humalog;
irbesartan: avapro; ivabradine: corlanor; labetalol: trandate; lamotrigine: lamictal; lapatinib: tykerb;
latanoprost: xalatan; letrozole: femara; levalbuterol: xopenex; levofloxacin: levaquin;
levothyroxine: synthroid levoxyl; lisinopril: zestril prinivil; loratadine: claritin; lorazepam: ativan;
losartan: cozaar; lovastatin: mevacor; memantine: namenda; metformin: glucophage; methylphenidate: ritalin concerta;
methylprednisolone: medrol; metoprolol: lopressor toprol; naloxone: narcan; naproxen: naprosyn; nebivolol: bystolic;
nitroglycerin: nitrostat; omeprazole: prilosec; oxycodone: oxycontin roxicodone; palbociclib: ibrance;
pitavastatin: livalo; pramipexole: mirapex; prasugrel: effient; pravastatin: pravachol; prednisone: deltasone;
pregabalin: lyrica; propranolol: inderal; quetiapine: seroquel; quinapril: accupril; raltegravir: isentress;
ramipril: altace; remdesivir: veklury; rosuvastatin: crestor; sertraline: zoloft; simvastatin: zocor;
sitagliptin: januvia; spironolactone: aldactone; sumatriptan: imitrex; tamoxifen: nolvadex; telmisartan: micardis;
ticagrelor: brilinta; topiramate: topamax; tramadol: ultram; valsartan: diovan; verapamil: calan;
warfarin: coumadin jantoven
"""


def _by_brand() -> Mapping[str, str]:
    pairs = (entry.partition(":") for entry in _BRANDS_TEXT.split(";"))
    return {brand: ingredient.strip() for ingredient, _, brands in pairs for brand in brands.split()}


INGREDIENT_OF_BRAND: Final[Mapping[str, str]] = _by_brand()
