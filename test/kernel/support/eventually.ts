/** Repeats an assertion until it holds; after so many milliseconds its failure is the test's. */
export async function eventually(assertion: () => void | Promise<void>, milliseconds = 3000): Promise<void> {
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
