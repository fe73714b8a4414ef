"""ePay.bg and EasyPay: their protocols, asking them, and a stand-in for trying payments. It knows no school."""
