"""Fields that several acts ask for."""

from dancu.kernel.codes import Sex
from dancu.kernel.messages import msg
from dancu.register.catalogue.fields import Field, Form, Table

PERSON = Field("person", Form.PERSON, msg("Person"), msg("Personal number or full name"))
PERSONS = Field("persons", Form.PEOPLE, msg("Persons"), msg("Whom it is about: one or several"))
DAY = Field("on", Form.DAY, msg("In force from"))
DATE = Field("on", Form.PARTIAL_DATE, msg("In force from"), msg("The day, or what is known of it"))
DECIDED_ON = Field("on", Form.PARTIAL_DATE, msg("Judgment in force from"), msg("The day on which it took effect"))
DECIDED_DAY = Field("on", Form.DAY, msg("Judgment in force from"), msg("The day on which it took effect"))
REASON = Field("reason", Form.TEXT, msg("Reason"), most=400)
REMARK = Field("reason", Form.TEXT, msg("Reason"), needed=False, most=400)
NEW_NAME = Field("name", Form.NAME, msg("New full name"), msg("Empty: the name stays"), needed=False)
SEX = Field("sex", Form.CHOICE, msg("Sex"), codes=Sex, only=(Sex.MALE, Sex.FEMALE))
ETHNICITY = Field("ethnicity", Form.CHOICE, msg("Ethnic group"), needed=False, table=Table.ETHNIC_GROUPS)
RELIGION = Field("religion", Form.CHOICE, msg("Religion"), needed=False, table=Table.RELIGIONS)
NATIONALITY = Field("nationality", Form.CHOICE, msg("Nationality"), table=Table.COUNTRIES, default="VNM")
ORIGIN = Field("origin", Form.PLACE, msg("Place of origin"), needed=False)
BIRTH_PLACE = Field("birth_place", Form.PLACE, msg("Place of birth"))
FATHER = Field("father", Form.PARENT, msg("Father"), msg("Personal number or full name"), needed=False)
MOTHER = Field("mother", Form.PARENT, msg("Mother"), msg("Personal number or full name"), needed=False)
