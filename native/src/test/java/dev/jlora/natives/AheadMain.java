package dev.jlora.natives;

/** A process that loads libtorch ahead, from a place where it is not, and asks for it later. */
final class AheadMain {
  private AheadMain() {}

  public static void main(String[] args) throws InterruptedException {
    NativeTorch.loadAhead().join();
    System.out.println("nothing said");
    try {
      NativeTorch.load();
    } catch (NativeLoadException e) {
      String text = e.getMessage().lines().findFirst().orElseThrow();
      System.out.println(text.substring(text.indexOf("/no/such/folder")));
    }
  }
}
