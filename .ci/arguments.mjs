const OPTIONS = ['--full', '--list'];

/** @returns what a command line asks for, or an error that names every word that is not accepted */
export function readArguments(words, accepted) {
  const [options, names] = [
    words.filter((word) => word.startsWith('-')),
    words.filter((word) => !word.startsWith('-')),
  ];
  const errors = [
    ...unknown(options, OPTIONS).map((word) => `.ci/run: unknown option ${word}; accepted: ${OPTIONS.join(', ')}`),
    ...unknown(names, accepted).map((word) => `.ci/run: unknown step ${word}; accepted: ${accepted.join(', ')}`),
  ];
  return { errors, names, isList: options.includes('--list'), isFull: options.includes('--full') };
}

function unknown(words, accepted) {
  return words.filter((word) => !accepted.includes(word));
}
