/** The tour that `npm start` gives. */
console.log('The tour is not written yet.')
export {}
