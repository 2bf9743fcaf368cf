const endings = ['00', '00', '01', '02', '03', '07', '08', '10', '12', '14']

/**
 * A list to rehearse with: the simulated carrier decides by the last two digits what becomes of a call to
 * +1 202 555 01NN, and by its own dice what becomes of the others. A real carrier refuses the former.
 */
export const sample = {
  name: 'Sample rehearsal',
  message: 'Namaste! This is a rehearsal of Trunkline. Nobody was called.',
  numbers: [
    ...new Set(endings.map((ending) => `+120255501${ending}`)),
    ...Array.from({ length: 90 }, (_, index) => `+97798438${String(12300 + index * 7)}`),
  ],
}
