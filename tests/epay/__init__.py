"""Payments by ePay.bg and EasyPay, as ePay.bg and its stand-in speak."""
