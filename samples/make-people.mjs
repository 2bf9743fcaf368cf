// Writes samples/people-1000.csv: 1,000 people who do not exist, with numbers of the ranges kept for fiction
// (…555-0100 to …555-0199 in ten North American cities). Run again, it writes the same file.
import { writeFileSync } from 'node:fs'

const cities = [
  ['212', 'New York'],
  ['312', 'Chicago'],
  ['303', 'Denver'],
  ['213', 'Los Angeles'],
  ['907', 'Anchorage'],
  ['808', 'Honolulu'],
  ['416', 'Toronto'],
  ['604', 'Vancouver'],
  ['902', 'Halifax'],
  ['709', "St. John's"],
]
const given =
  'Asha Bikash Carla Dawa Elena Farid Gita Hari Ines Jonas Kabita Liam Maya Nabin Olga Prem Rosa Sita Tomas Uma'.split(
    ' ',
  )
const family =
  'Adhikari Brown Castillo Dahal Evans Fischer Gurung Hansen Ito Joshi Karki Lama Moreau Novak Okafor Poudel Rai Silva Tamang Weber'.split(
    ' ',
  )

const rows = cities.flatMap(([area, city], place) =>
  Array.from({ length: 100 }, (_, index) => {
    const person = place * 100 + index
    const name = `${given[person % given.length]} ${family[(person * 7 + place) % family.length]}`
    const appointment = `${8 + (person % 10)}:${person % 2 === 0 ? '00' : '30'}`
    return [`+1${area}55501${String(index).padStart(2, '0')}`, name, city, appointment].join(',')
  }),
)
writeFileSync(
  new URL('people-1000.csv', import.meta.url),
  `number,name,city,appointment\n${rows.join('\n')}\n`,
)
