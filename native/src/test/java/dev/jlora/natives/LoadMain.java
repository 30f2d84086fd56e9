package dev.jlora.natives;

/** A process that loads libtorch and says how it went. */
final class LoadMain {
  private LoadMain() {}

  public static void main(String[] args) {
    try {
      NativeTorch torch = NativeTorch.load();
      System.out.println("loaded from " + torch.source() + " " + torch.folder());
      System.out.println("memory from " + torch.heap().description());
    } catch (NativeLoadException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
