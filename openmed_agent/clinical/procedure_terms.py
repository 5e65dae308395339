"""Names of common procedures, operations and imaging studies, in our own words; no codes, no licensed terminology."""

from typing import Final

# An underscore stands for a space or a hyphen inside a name; `?` makes the letter before it optional.
_OPERATIONS: Final = """
cabg coronary_artery_bypass(_graft(ing)?)?(_surgery)? (triple|quadruple|double)_bypass(_surgery)?
bypass_surgery gastric_bypass(_surgery)? roux-en-y_gastric_bypass femoral(-popliteal)?_bypass fem-pop_bypass
sleeve_gastrectomy lap_band bariatric_surgery open_heart_surgery heart_surgery cardiac_surgery pci
percutaneous_coronary_intervention ptca
(coronary|drug-eluting|cardiac|carotid|ureteral|biliary)_stent(_placement|ing|s)?
stent(ing|_placement|_placed) (drug-eluting_)?stent_to_the_\\w+
(left_heart_|right_heart_|cardiac_|heart_)(cath(eterization)?) lhc rhc aortic_valve_replacement
mitral_valve_(replacement|repair) valve_replacement tavr tavi savr avr mvr
(aaa|aneurysm|abdominal_aortic_aneurysm)_repair evar endovascular_repair
(radiofrequency_|catheter_|cardiac_|pvi_|afib_)?ablation cardioversion dccv
pacemaker(_placement|_implantation|_insertion|_generator_change)? ppm_placement icd_(placement|implantation)
aicd(_placement)? defibrillator_(placement|implantation) loop_recorder_(placement|implantation)
watchman(_device)?(_placement)? lvad(_placement)? iabp ecmo (ivc|inferior_vena_cava)_filter(_placement)?
heart_transplant (kidney|renal|liver|lung|bone_marrow|stem_cell|corneal)_transplant(ation)?
(total_|partial_|bilateral_|right_|left_){0,3}(knee|hip|shoulder|ankle|joint)_(replacement|arthroplasty)(_surgery)?
tka tha tkr thr acl_(reconstruction|repair)
(rotator_cuff|labral|meniscus|meniscal|tendon|achilles|ligament)_repair meniscectomy
carpal_tunnel_(release|surgery) trigger_finger_release (knee|shoulder|hip|ankle|wrist)_arthroscopy
(knee|hip|back|spine|shoulder|ankle|neck|foot|hand|wrist|sinus|eye|cataract|brain|abdominal|lung|breast|thyroid|prostate|heart_valve|lasik|bladder|nasal|jaw|spinal|lumbar)_surgery
orif open_reduction_(and_)?internal_fixation closed_reduction external_fixation im_nail(ing)?
intramedullary_nail(ing)? (hip_)?pinning amputation (bka|aka)(?=_(on|in|of|for|\\d)) below-knee_amputation
above-knee_amputation (toe|finger|foot|leg|transmetatarsal)_amputation
(spinal_|lumbar_|cervical_|l[1-5]-[ls][1-5]_)?fusion acdf laminectomy kyphoplasty vertebroplasty
bunionectomy hardware_removal
(inguinal_|umbilical_|ventral_|hiatal_|incisional_)?(hernia_repair|herniorrhaphy) nissen_fundoplication
fundoplication bowel_resection
(small_bowel|colon|sigmoid|liver|lung|wedge|abdominoperineal|low_anterior)_resection exploratory_laparotomy
lap_chole ccy (lap_)?appy tah(/bso|-bso|_bso)? bso ex_lap diagnostic_laparoscopy lysis_of_adhesions whipple(_procedure)?
(colostomy|ileostomy)_(reversal|takedown) hartmann('s)?_procedure c-?section(s)?
cesarean(_section|_delivery)? caesarean_section (spontaneous_|normal_)?vaginal_delivery nsvd tubal_ligation
btl d&c dilation_and_curettage d_and_c leep endometrial_ablation uterine_artery_embolization
iud_(placement|insertion|removal) bladder_sling turp
transurethral_resection_of_(the_)?(prostate|bladder_tumor) turbt lithotripsy eswl prostate_surgery
circumcision (cataract|iol)_(extraction|removal|implant) phacoemulsification lasik prk vitrectomy
trabeculectomy retinal_detachment_repair laser_photocoagulation yag_capsulotomy
tonsillectomy_and_adenoidectomy t&a ear_tubes myringotomy_tubes cochlear_implant septoplasty fess
wisdom_teeth_(extraction|removal) tooth_extraction dental_extraction(s)? root_canal
(breast_)?(augmentation|reduction)_mammoplasty breast_(reduction|augmentation|reconstruction|lumpectomy)
(bilateral_)?reduction_mamm[ao]plasty tummy_tuck sentinel_(lymph_)?node_biopsy
(axillary_|pelvic_)?lymph_node_dissection neck_dissection mohs(_surgery|_procedure)? skin_graft(ing)?
wide_local_excision craniotomy burr_holes? (vp|ventriculoperitoneal)_shunt(_placement)? shunt_placement
deep_brain_stimulator(_placement)? carotid_endarterectomy cea(?=_(on|in_(19|20)\\d|(19|20)\\d\\d))
av_(fistula|graft)(_creation|_placement)? fistula_creation vein_stripping i&d incision_and_drainage i_and_d
abscess_drainage wound_(debridement|closure|vac_placement) debridement laceration_repair
suture_(removal|placement) sutures_placed fasciotomy
"""
_BEDSIDE: Final = """
(hemo|peritoneal_)?dialysis hd_catheter_placement crrt plasmapheresis (re)?intubation extubation
(endotracheal_)?intubated mechanical_ventilation bipap tracheostomy peg(_tube)?(_placement)?
g-tube_placement feeding_tube_placement ng_tube_placement chest_tube(_placement|_insertion)?
pigtail_catheter_placement central_(venous_)?line(_placement)? picc(_line)?(_placement)?
port(-a-cath)?_(placement|insertion) arterial_line(_placement)? foley(_catheter)?_(placement|insertion)
nephrostomy_tube(_placement)? lumbar_puncture spinal_tap thoracentesis paracentesis arthrocentesis
pericardiocentesis joint_aspiration
(knee|shoulder|hip|joint|epidural_steroid|steroid|corticosteroid|cortisone|trigger_point|facet|intra-articular|botox)_injection(s)?
epidural nerve_block esi(?!_?[:=]?_?(level_)?\\d) (blood|prbc|platelet|ffp|plasma|red_blood_cell)_transfusion(s)?
transfusion_of_\\d+_units cpr cardiopulmonary_resuscitation defibrillation electroconvulsive_therapy ect
(radiation|chemo)(_?therapy)(?!_(clinic|nurse)) chemotherapy immunotherapy brachytherapy phototherapy
external_beam_radiation hyperbaric_oxygen(_therapy)? tms
(bone_marrow|liver|kidney|renal|breast|prostate|skin|lung|thyroid|lymph_node|endometrial|cervical|core|needle|core_needle|punch|shave|excisional|excision|muscle|nerve|temporal_artery|transbronchial|ct-guided|ultrasound-guided|stereotactic|colon)_biops(y|ies)
biops(y|ies) fna fine_needle_aspiration bone_marrow_aspirate cast_(placement|application)
splint(ing|_placement) casting cryotherapy electrocautery nail_avulsion ear_lavage cerumen_removal
physical_therapy_evaluation swallow_evaluation
"""
_STUDIES: Final = """
(screening_|diagnostic_|surveillance_)?colonoscopy egd (upper_|lower_)?endoscopy esophagogastroduodenoscopy
flexible_sigmoidoscopy ercp eus capsule_endoscopy bronchoscopy ebus laryngoscopy cystoscopy hysteroscopy
colposcopy mri mra mrcp (ct|cat)_scan ct computed_tomography(_scan)? cta ct_angiogra(m|phy)
pet(/ct|-ct|_ct)? pet_scan spect (v/q|vq)_scan bone_scan dexa(_scan)? bone_density(_scan)? dxa x-?rays?
(chest|abdominal|hip|knee|ankle|foot|hand|wrist|shoulder|spine|pelvic)_(x-?rays?|radiographs?|films?) cxr
kub plain_films? radiographs? ultrasounds?
(renal|abdominal|pelvic|transvaginal|thyroid|liver|carotid|venous|breast|scrotal|ruq|obstetric)_(ultrasound|us|sonogram|doppler|duplex)
sonogram duplex(_ultrasound)? (carotid|venous|arterial)_dopplers? doppler
(screening_|diagnostic_|bilateral_){0,3}mammogra(m|ms|phy) tomosynthesis
(transthoracic_|transesophageal_|stress_)?echo(cardiogram|cardiography)? tte tee
(exercise_|nuclear_|pharmacologic_|treadmill_|cardiac_|chemical_){0,3}stress_test(ing)?
myocardial_perfusion_(scan|imaging) nuclear_stress lexiscan ekg ecg electrocardiogram holter(_monitor)?
event_monitor telemetry tilt_table_test (coronary_|cerebral_|pulmonary_|carotid_)?angiogra(m|phy)
arteriogram venogram cardiac_mri coronary_calcium_score calcium_score abi ankle-brachial_index eeg emg
nerve_conduction_(study|studies) ncs(?=_(of|on)) pfts? pulmonary_function_tests? spirometry sleep_study
polysomnogra(m|phy) methacholine_challenge barium_(swallow|enema) modified_barium_swallow upper_gi_series
esophagram esophageal_manometry ph_(study|monitoring) hida(_scan)? gastric_emptying_study
small_bowel_follow_through pap(_smear|_test)? hysterosalpingogram amniocentesis urodynamics
voiding_cystourethrogram vcug retrograde_pyelogram fistulogram fluoroscopy audiogram visual_field_test
fundus_photography oct(?=_of) dilated_eye_exam allergy_testing skin_testing patch_testing
"""

SUFFIXES: Final = (
    r"[a-z]{3,24}(?:ectomy|ectomies|ostomy|ostomies|otomy|otomies|plasty|plasties|scopy|scopies|"
    r"centesis|pexy|rrhaphy|desis|lithotripsy|tripsy)"
    r"|[a-z]{3,20}(?:angiography|venography|myelography|graphy|angiogram|pyelogram|myelogram)"
)
# Words that end like a procedure and are none.
STOP_WORDS: Final = frozenset(
    [
        "anatomy",
        "dichotomy",
        "geography",
        "photography",
        "biography",
        "demography",
        "bibliography",
        "cartography",
        "choreography",
        "calligraphy",
        "autobiography",
        "typography",
        "topography",
        "stenography",
        "lithography",
        "cinematography",
        "oceanography",
        "microscopy",
        "spectroscopy",
        "ophthalmoscopy",
        "otoscopy",
        "fundoscopy",
        "funduscopy",
        "chromatography",
        "tomography",
        "ethnography",
        "holography",
        "crystallography",
        "iconography",
        "dermoscopy",
        "dermatoscopy",
    ]
)


def _patterns(words: str) -> tuple[str, ...]:
    patterns = (word.replace("_", r"[ \-]").replace("(", "(?:").replace("(?:?", "(?") for word in words.split())
    return tuple(sorted(patterns, key=len, reverse=True))


NAMES: Final = _patterns(_OPERATIONS) + _patterns(_BEDSIDE) + _patterns(_STUDIES)
