//! The vocabularies: closed lists, which refuse other words, and open ones, which keep them.

use core::fmt;

use serde_json::Value;

use crate::error::Rule;
use crate::table::ToClaim;

/// A list of words.
pub(crate) trait Vocabulary: Sized {
    /// The word as a member of the list; `text` has been cleaned and has at most 120 characters.
    fn read(text: &str) -> Result<Self, Rule>;
}

/// Makes a closed list, or with `or Other` an open one.
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$word_meta:meta])* $word:ident = $text:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $( $(#[$word_meta])* #[doc = concat!("`", $text, "`.")] $word, )* }

        impl $name {
            /// Every member of the list.
            pub const ALL: &'static [Self] = &[$( Self::$word, )*];

            /// Every word of the list.
            pub const WORDS: &'static [&'static str] = &[$( $text, )*];

            /// The word as it stands in a claim.
            #[must_use]
            pub const fn as_str(&self) -> &'static str {
                match self { $( Self::$word => $text, )* }
            }

            /// The member for a word, compared exactly; none for a word that is not in the list.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $text => Some(Self::$word), )* _ => None }
            }
        }

        impl Vocabulary for $name {
            fn read(text: &str) -> Result<Self, Rule> {
                Self::from_word(text).ok_or(Rule::NotInVocabulary)
            }
        }

        impl ToClaim for $name {
            fn to_claim(&self) -> Value {
                self.as_str().into()
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$word_meta:meta])* $word:ident = $text:literal, )* } or Other
    ) => {
        $(#[$meta])*
        ///
        /// Open: a word that is not in the list is kept as `Other`.
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$word_meta])* #[doc = concat!("`", $text, "`.")] $word, )*
            /// A word that is not in the list, as it stands (1 to 120 characters). Make it with
            /// `from_word`, which knows the words that are in the list.
            Other(String),
        }

        impl $name {
            /// Every word of the list.
            pub const WORDS: &'static [&'static str] = &[$( $text, )*];

            /// The word as it stands in a claim.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { $( Self::$word => $text, )* Self::Other(word) => word }
            }

            /// The member for a word, compared exactly; `Other` for one that is not in the list.
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                match word { $( $text => Self::$word, )* _ => Self::Other(word.to_owned()) }
            }
        }

        impl Vocabulary for $name {
            fn read(text: &str) -> Result<Self, Rule> {
                Ok(Self::from_word(text))
            }
        }

        impl ToClaim for $name {
            fn to_claim(&self) -> Value {
                self.as_str().to_owned().to_claim()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $( Self::$word => stringify!($word), )* Self::Other(_) => "Other(_)" })
            }
        }
    };
}

vocabulary! {
    /// How the issuer verified what it states.
    pub enum VerificationMethod {
        DocumentVerification = "document_verification",
        RecordVerification = "record_verification",
        DocumentAndRecordVerification = "document_and_record_verification",
        ElearningCompletion = "elearning_completion",
        NotVerified = "not_verified",
    } or Other
}

vocabulary! {
    /// Whether the issuer is the authority for what it states, or passes on what it was given.
    pub enum Pedigree {
        Authoritative = "authoritative",
        Sourced = "sourced",
    }
}

vocabulary! {
    /// Legal gender, as the national service displayed it.
    pub enum LegalGender {
        Male = "male",
        Female = "female",
        NotSpecified = "not_specified",
        NotKnown = "not_known",
    }
}

vocabulary! {
    /// Confidence in an identity (GPG45), least first.
    #[derive(PartialOrd, Ord)]
    pub enum Confidence {
        Low = "low",
        Medium = "medium",
        High = "high",
        VeryHigh = "very_high",
    }
}

vocabulary! {
    /// The ten staff groups.
    pub enum StaffGroup {
        AdditionalClinicalServices = "additional_clinical_services",
        AdditionalProfessionalScientificAndTechnical = "additional_professional_scientific_and_technical",
        AdministrativeAndClerical = "administrative_and_clerical",
        AlliedHealthProfessionals = "allied_health_professionals",
        EstatesAndAncillary = "estates_and_ancillary",
        HealthcareScientists = "healthcare_scientists",
        MedicalAndDental = "medical_and_dental",
        NursingAndMidwiferyRegistered = "nursing_and_midwifery_registered",
        StudentsNonMedical = "students_non_medical",
        StudentsMedicalUndergraduate = "students_medical_undergraduate",
    }
}

vocabulary! {
    /// The contract under which the person works.
    pub enum AssignmentCategory {
        Permanent = "permanent",
        FixedTerm = "fixed_term",
        Bank = "bank",
        Honorary = "honorary",
        Secondment = "secondment",
        TrainingRotation = "training_rotation",
    } or Other
}

vocabulary! {
    /// How the assignment stands.
    pub enum AssignmentStatus {
        Active = "active",
        Suspended = "suspended",
        Ended = "ended",
    } or Other
}

vocabulary! {
    /// The body that keeps a professional register.
    pub enum RegistrationBody {
        /// General Medical Council.
        Gmc = "GMC",
        /// Nursing and Midwifery Council.
        Nmc = "NMC",
        /// Health and Care Professions Council.
        Hcpc = "HCPC",
        /// General Pharmaceutical Council.
        Gphc = "GPhC",
    } or Other
}

vocabulary! {
    /// The framework that a training record belongs to.
    pub enum Framework {
        /// Core Skills Training Framework.
        Cstf = "cstf",
        CareCertificate = "care-certificate",
        Local = "local",
    } or Other
}

vocabulary! {
    /// The eleven subjects of the Core Skills Training Framework.
    pub enum Subject {
        ConflictResolution = "conflict-resolution",
        EqualityDiversityAndHumanRights = "equality-diversity-and-human-rights",
        FireSafety = "fire-safety",
        HealthSafetyAndWelfare = "health-safety-and-welfare",
        InfectionPreventionAndControl = "infection-prevention-and-control",
        InformationGovernanceAndDataSecurity = "information-governance-and-data-security",
        MovingAndHandling = "moving-and-handling",
        PreventingRadicalisation = "preventing-radicalisation",
        Resuscitation = "resuscitation",
        SafeguardingAdults = "safeguarding-adults",
        SafeguardingChildren = "safeguarding-children",
    } or Other
}

vocabulary! {
    /// Whether the training was completed. Only `achieved` is shareable.
    pub enum AttainmentStatus {
        Achieved = "achieved",
        NotAchieved = "not_achieved",
        InProgress = "in_progress",
    } or Other
}

vocabulary! {
    /// Whether the training was assessed.
    pub enum ProficiencyLevel {
        NotAssessed = "0 - Not Assessed",
        Assessed = "1 - Assessed",
    } or Other
}

vocabulary! {
    /// How the training was done.
    pub enum LearningMethod {
        Elearning = "elearning",
        FaceToFace = "face_to_face",
        Blended = "blended",
        Assessment = "assessment",
    } or Other
}

vocabulary! {
    /// The unit of a period.
    pub enum PeriodUnit {
        Month = "month",
        Year = "year",
    }
}
