import { Scene } from '../lab/scene';

/** One scene for tests that leave it as they found it, one after the other. A test that fails has had it for itself. */
export class SharedScene implements Disposable {
  private scene: Scene | undefined;

  public async use(test: (scene: Scene) => Promise<void>): Promise<void> {
    const scene = this.scene ?? new Scene();
    this.scene = undefined;
    try {
      await test(scene);
    } catch (error) {
      scene[Symbol.dispose]();
      throw error;
    }
    this.scene = scene;
  }

  public [Symbol.dispose](): void {
    this.scene?.[Symbol.dispose]();
  }
}
