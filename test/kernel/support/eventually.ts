/** Repeats an assertion until it holds, and returns its value; after so many milliseconds its failure is the test's. */
export async function eventually<T>(assertion: () => T | Promise<T>, milliseconds = 20_000): Promise<T> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
